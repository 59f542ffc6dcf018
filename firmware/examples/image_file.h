/* Reads a network image file, as `thresh image` writes it, into memory. */
#ifndef THRESH_IMAGE_FILE_H
#define THRESH_IMAGE_FILE_H

#include "thresh.h"

/* Fills image from a file that is whole: its length, its CRC-32 and its header are checked.
   image->body then lies in memory that the caller frees with free(*memory). 0, or negative when
   the file is no network image for the serial link or cannot be read. */
int thresh_image_file(const char *path, thresh_image *image, uint8_t **memory);

#endif
