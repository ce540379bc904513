#!/usr/bin/env python3
"""Run applications.k by KCL's library: run.py LIBRARY_FOLDER SERVICES CLUSTERS."""

import sys

library, services, clusters = sys.argv[1:]
sys.path.insert(0, library)

from kcl_lib import api  # noqa: E402  # from the folder that was named

arguments = [api.Argument(name="services", value=services), api.Argument(name="clusters", value=clusters)]
ran = api.API().exec_program(api.ExecProgramArgs(k_filename_list=["applications.k"], args=arguments))
if ran.err_message:
    sys.exit(ran.err_message)
sys.stdout.write(ran.yaml_result)
