"""A build in which a function did not run, or refused its input, fails and prints nothing."""

from __future__ import annotations

import shutil

import pytest

MESSAGE = "the-function-did-not-run--build-with---enable-alpha-plugins---enable-exec"
ALPHA = "--enable-alpha-plugins"

both_tools = pytest.mark.parametrize("tool", ["build", "kubectl_kustomize"])


def refused(process) -> str:
    """What stderr says of a build that failed as it must."""
    assert process.returncode != 0, process.stdout
    assert process.stdout == ""
    return process.stderr


def printed_nothing_and_succeeded(process) -> bool:
    return process.returncode == 0 and process.stdout == ""


def without_guard(folder):
    kustomization = folder / "kustomization.yaml"
    kustomization.write_text(
        kustomization.read_text()
        .replace("components: [../../components/guard]\n", "")
        .replace(", ../../components/guard]", "]")
    )
    return folder


# The plugin home, in which a missing plugin is an error by itself


@both_tools
def test_without_a_plugin_home(tool, tools, overlays, tmp_path):
    nowhere = dict.fromkeys(("KUSTOMIZE_PLUGIN_HOME", "XDG_CONFIG_HOME", "HOME"), str(tmp_path / "nowhere"))
    assert "unable to find plugin root - tried:" in refused(getattr(tools, tool)(overlays / "dev", **nowhere))


@both_tools
def test_plugin_home_without_the_link(tool, tools, overlays, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    stderr = refused(getattr(tools, tool)(overlays / "dev", KUSTOMIZE_PLUGIN_HOME=str(home)))
    link = home / "kloom.dev" / "v1alpha1" / "applicationgenerator" / "ApplicationGenerator"
    assert f"expected file with Go object code at: {link}.so" in stderr


@both_tools
def test_link_that_leads_nowhere(tool, tools, overlays, tmp_path):
    link = tmp_path / "kloom.dev" / "v1alpha1" / "applicationgenerator" / "ApplicationGenerator"
    link.parent.mkdir(parents=True)
    link.symlink_to(tmp_path / "uninstalled")
    stderr = refused(getattr(tools, tool)(overlays / "dev", KUSTOMIZE_PLUGIN_HOME=str(tmp_path)))
    assert "expected file with Go object code" in stderr


@both_tools
def test_without_enable_alpha_plugins(tool, tools, overlays):
    stderr = refused(getattr(tools, tool)(overlays / "dev", "--load-restrictor=LoadRestrictionsRootOnly"))
    assert "external plugins disabled; unable to load external plugin 'ApplicationGenerator'" in stderr


# Exec functions, which kustomize skips without a word


@both_tools
@pytest.mark.parametrize("form", ["exec", "items"])
def test_guard_says_that_enable_exec_is_missing(form, tool, tools, overlays):
    assert MESSAGE in refused(getattr(tools, tool)(overlays / "forms" / form, ALPHA))


@both_tools
@pytest.mark.parametrize("form", ["exec", "items"])
def test_without_the_guard_kustomize_skips_the_function_silently(form, tool, tools, overlays):
    """What the guard is for. If this fails, kustomize has learned to fail by itself."""
    assert printed_nothing_and_succeeded(
        getattr(tools, tool)(without_guard(overlays / "forms" / form), ALPHA)
    )


@pytest.mark.parametrize("form", ["exec", "items"])
def test_parent_can_guard_a_kustomization_that_has_no_guard(form, tools, overlays):
    without_guard(overlays / "forms" / form)
    parent = kustomization(
        overlays / "parent", resources=[f"../forms/{form}"], components=["../components/guard"]
    )

    assert MESSAGE in refused(tools.build(parent, ALPHA))
    assert tools.build_with_exec(parent).stdout == tools.build(overlays / "dev").stdout


def test_one_guard_serves_several_configs(tools, overlays):
    first = overlays / "forms" / "exec"
    second = (
        (first / "applications.yaml")
        .read_text()
        .replace("name: dev", "name: test")
        .replace("/dev/", "/test/")
    )
    (first / "test.yaml").write_text(second)
    kustomization(first, generators=["applications.yaml", "test.yaml"], components=["../../components/guard"])

    assert MESSAGE in refused(tools.build(first, ALPHA))
    both = tools.build_with_exec(first).stdout
    assert both.count("kind: Application\n") == both.count("\nkind: ") == 9


def test_several_guarded_kustomizations_build_together(tools, overlays):
    shutil.copytree(overlays / "forms" / "exec", overlays / "forms" / "exec-test")
    config = overlays / "forms" / "exec-test" / "applications.yaml"
    config.write_text(config.read_text().replace("/dev/", "/test/"))
    parent = kustomization(overlays / "parent", resources=["../forms/exec", "../forms/exec-test"])

    assert MESSAGE in refused(tools.build(parent, ALPHA))
    both = tools.build_with_exec(parent).stdout
    assert both.count("kind: Application\n") == both.count("\nkind: ") == 9


@pytest.mark.parametrize("form", ["exec", "items"])
def test_kloom_is_not_on_path(form, tools, overlays):
    stderr = refused(tools.build_with_exec(overlays / "forms" / form, PATH="/nowhere"))
    assert "kloom" in stderr
    assert "executable file not found in $PATH" in stderr


def test_container_function_without_docker(tools, overlays):
    """No guard is needed: kustomize never skips a container function."""
    items = without_guard(overlays / "forms" / "items")
    config = items / "applications.yaml"
    config.write_text(config.read_text().replace("exec: {path: kloom}", "container: {image: kloom}"))
    assert 'exec: "docker": executable file not found in $PATH' in refused(
        tools.build(items, PATH="/nowhere")
    )


# A mistake in the values


@pytest.mark.parametrize("way", ["build", "kubectl_kustomize", "render"])
def test_mistake_in_a_file_is_told_with_its_place(way, tools, overlays):
    service = overlays / "dev" / "services" / "catalog.yaml"
    service.write_text(service.read_text().replace("source:", "sorce:"))
    stderr = refused(getattr(tools, way)(overlays / "dev"))
    assert "services/catalog.yaml:4:1: sorce: " in stderr
    assert "did you mean source?" in stderr


@pytest.mark.parametrize("form", ["exec", "items"])
def test_mistake_in_a_file_of_an_exec_function_is_told_with_its_place(form, tools, overlays):
    folder = overlays / ("dev" if form == "exec" else "forms/items")
    service = folder / "services" / "catalog.yaml"
    service.write_text(service.read_text().replace("source:", "sorce:"))
    stderr = refused(tools.build_with_exec(overlays / "forms" / form))
    place = {"exec": "../../dev/services/catalog.yaml", "items": "ConfigMap/dev-services[catalog.yaml]"}[form]
    assert f"{place}:4:1: sorce: " in stderr


def test_version_that_the_config_does_not_want(tools, overlays):
    config = overlays / "dev" / "applications.yaml"
    config.write_text(config.read_text().replace(">=0.1,<0.2", ">=9"))
    assert "kloom must be >=9" in refused(tools.build(overlays / "dev"))


def kustomization(folder, **fields):
    """Write a kustomization with these lists."""
    folder.mkdir(exist_ok=True)
    (folder / "kustomization.yaml").write_text(
        "".join(f"{key}: [{', '.join(value)}]\n" for key, value in fields.items())
    )
    return folder
