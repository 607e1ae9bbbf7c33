"""What `writing.py` runs and measures: a blueprint from a file as code in every language.

python benchmarks/emitting.py BLUEPRINT FOLDER   writes all of it to a folder
python benchmarks/emitting.py BLUEPRINT          says seconds by language and the most memory in MB, as JSON
"""

from __future__ import annotations

import json
import pickle
import resource
import statistics
import sys
import time
from pathlib import Path

from standfast.code import write_all
from standfast.files import write_files

LANGUAGES = ("terraform", "pulumi", "cloudformation", "ansible")
RUNS = 7


def main() -> int:
    given, *folder = map(Path, sys.argv[1:])
    plan, blueprints = pickle.loads(given.read_bytes())
    if folder:
        write_files(write_all(plan, blueprints, LANGUAGES).files, folder[0])
        return 0
    seconds: dict[str, float] = {}
    for language in LANGUAGES:
        taken = []
        for _ in range(RUNS):
            began = time.process_time()
            written = write_all(plan, blueprints, [language])
            taken.append(time.process_time() - began)
        if language not in written.languages:
            raise SystemExit(f"{language}: {written.problems}")
        seconds[language] = statistics.median(taken)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "memory": memory}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
