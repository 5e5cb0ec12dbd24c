"""The figures that Twofold holds itself to, each measured against a floor or a peer in the same run."""
