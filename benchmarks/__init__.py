"""Speed and accuracy, side by side with other programs. Run by ``make bench``."""
