"""What a BMC's record and readings prove."""
