"""What the complaints of a period add up to: by place, matter, unit and source, beside other periods, and how
concentrated they are. One definition of each figure serves the count and the list behind it."""
