"""Pages of equipment: lists, one row with what may be done to it, and one form for every act."""
