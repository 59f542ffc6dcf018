"""Campaigns: the compiled gateware against what it must withstand, for as long as one likes."""
