#!/usr/bin/python3
"""The ten words that stdin has most of: `pipkin build examples/words.py -t words`."""

import collections
import re
import sys

words = re.findall(r"\w+", sys.stdin.read().lower())
for word, count in collections.Counter(words).most_common(10):
    print(f"{count:6} {word}")
