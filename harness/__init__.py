"""Event-driven hardware-in-the-loop harness for Metal3 pivoting: run, see, record, judge, report."""
