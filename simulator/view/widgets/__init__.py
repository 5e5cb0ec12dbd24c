"""The parts that the phone's screens are put together from."""
