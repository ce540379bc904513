/* kloom as one file: this program with CPython linked in, and behind it a zip archive that holds the rest.
 *
 * Python imports from the archive as it stands (start.py): nothing is unpacked, nothing is written, and neither the
 * environment nor what is installed on the machine plays a part. hack/executable.py puts all of it together.
 */
#include <Python.h>

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "frozen.h" /* FROZEN: start.py, and the modules that Python needs before it can import any */

#define BUG 3

static void must(PyStatus status)
{
    if (PyStatus_Exception(status))
        Py_ExitStatusException(status);
}

/* UTF-8 whatever the locale: values files are UTF-8. */
static void preinitialize(void)
{
    PyPreConfig config;
    PyPreConfig_InitIsolatedConfig(&config);
    config.utf8_mode = 1;
    must(Py_PreInitialize(&config));
}

static void initialize(int argc, char **argv, const char *self)
{
    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    config.install_signal_handlers = 1; /* as python does: SIGPIPE is an exception, SIGINT another */
    config.site_import = 0;
    config.write_bytecode = 0;
    config.module_search_paths_set = 1; /* to none */
    must(PyConfig_SetBytesString(&config, &config.executable, self));
    must(PyConfig_SetBytesArgv(&config, argc, argv));
    must(Py_InitializeFromConfig(&config));
    PyConfig_Clear(&config);
}

int main(int argc, char **argv)
{
    char self[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    if (length < 0) {
        perror("kloom: /proc/self/exe");
        return BUG;
    }
    self[length] = '\0';
    PyImport_FrozenModules = FROZEN;
    preinitialize();
    initialize(argc, argv, self);
    if (!PyImport_ImportModule("start"))
        PyErr_Print(); /* of SystemExit: exits */
    return BUG; /* start ends the process itself */
}
