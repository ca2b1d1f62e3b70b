"""What tests share, by subject; a test imports it as `support.SUBJECT.MODULE`."""
