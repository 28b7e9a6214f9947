"""What readers of the marts see: which night, which columns, and what each of them means."""
