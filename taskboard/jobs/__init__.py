"""DOOR TWO: time. The timetable on one page; one small file per job."""
