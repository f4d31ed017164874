"""What would have been: what-if, back-test, simulator, and present files beside ours."""
