"""What a network is: number formats, layers, files, images, front end."""
