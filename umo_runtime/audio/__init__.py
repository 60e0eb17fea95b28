"""Speech in: reading files, resampling, cutting into the windows of the log-mel front end."""
