"""The catalogue of defects that a judge must find: one class a file; the file's name is the class's word.

A module here states `RULE` (the rule of judging that finds it), optionally `MOMENTS` and `VARIANTS`, and two pure functions over a
`Draft` of a good run: `plant(draft)` plants the defect as every witness of the run would have seen it, and returns what a judge must
say; `twin(draft)` plants its benign twin, which differs in the one thing that matters and must pass.
"""
