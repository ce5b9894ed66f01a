"""What is true: pure functions on values, used alike by pages, jobs, exports and documents."""
