"""What people are shown: pages and plots."""
