"""Acceptance: real files run through the nightly, and its marts held beside the files themselves."""
