module kloom.dev/tests/agent

go 1.25
