"""What every act in a simulated space stands on: its clock, what is told of it, and the call it is on."""
