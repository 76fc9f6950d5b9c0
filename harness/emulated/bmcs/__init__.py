"""The lab's BMCs: ours, or the real sushy-emulator."""
