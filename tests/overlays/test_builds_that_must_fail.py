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
    kustomization.write_text(kustomization.read_text().replace("components: [../../components/guard]\n", ""))
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
    assert printed_nothing_and_succeeded(getattr(tools, tool)(without_guard(overlays / "forms" / form), ALPHA))


def test_guard_beside_a_transformer_sees_nothing_of_it(tools, overlays):
    """Why the guard of the items form stands in its parent."""
    items = overlays / "forms" / "items" / "dev"
    config = items / "kustomization.yaml"
    config.write_text(config.read_text().replace("[values]", "[values, ../../../components/guard]"))
    assert MESSAGE in refused(tools.build_with_exec(items))


def test_one_guard_serves_all_generators_of_a_kustomization(tools, overlays):
    """The first one listed leaves the sentinel; all of them run, or none."""
    folder = overlays / "forms" / "exec"
    config = (folder / "applications.yaml").read_text()
    (folder / "test.yaml").write_text(config.replace("name: dev", "name: test").replace("/dev/", "/test/"))
    kustomization(folder, generators=["applications.yaml", "test.yaml"], components=["../../components/guard"])

    assert MESSAGE in refused(tools.build(folder, ALPHA))
    both = tools.build_with_exec(folder).stdout
    assert both.count("kind: Application\n") == both.count("\nkind: ") == 9


def test_several_guarded_kustomizations_build_together(tools, overlays):
    """Their configs may even be called the same."""
    other = shutil.copytree(overlays / "forms" / "exec", overlays / "forms" / "exec-test")
    config = other / "applications.yaml"
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
    stderr = refused(tools.build(overlays / "forms" / "container", PATH="/nowhere"))
    assert 'exec: "docker": executable file not found in $PATH' in stderr


# A mistake in the values


@pytest.mark.parametrize("way", ["build", "kubectl_kustomize", "render"])
def test_mistake_in_a_file_is_told_with_its_place(way, tools, overlays):
    service = overlays / "dev" / "services" / "catalog.yaml"
    service.write_text(service.read_text().replace("source:", "sorce:"))
    stderr = refused(getattr(tools, way)(overlays / "dev"))
    assert "services/catalog.yaml:5:1: sorce: " in stderr
    assert "did you mean source?" in stderr


@pytest.mark.parametrize("form", ["exec", "items"])
def test_mistake_in_a_file_of_an_exec_function_is_told_with_its_place(form, tools, overlays):
    folder = overlays / ("dev" if form == "exec" else "forms/items/dev/values")
    service = folder / "services" / "catalog.yaml"
    service.write_text(service.read_text().replace("source:", "sorce:"))
    stderr = refused(tools.build_with_exec(overlays / "forms" / form))
    place = {"exec": "../../dev/services/catalog.yaml", "items": "ConfigMap/dev-services[catalog.yaml]"}[form]
    assert f"{place}:5:1: sorce: " in stderr


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
