"""The azext_acrpool distribution: an Azure CLI extension."""

from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent

# az installs an extension's requirements into the extension's own folder, even what az has already, so
# nothing that az ships stands here. isal, which compresses build contexts, has wheels for these platforms only;
# elsewhere zlib does the work. cronsim, which knows when a schedule comes next, requires nothing itself, nor does
# tzdata, the time zones for where the system has none: Windows and small images.
ISAL_WHEELS = (
    'isal; platform_python_implementation == "CPython" and ('
    '(sys_platform == "linux" and (platform_machine == "x86_64" or platform_machine == "aarch64"))'
    ' or (sys_platform == "darwin" and (platform_machine == "x86_64" or platform_machine == "arm64"))'
    ' or (sys_platform == "win32" and platform_machine == "AMD64"))'
)

setup(
    name="acrpool",
    version="0.1.0",
    description="Azure Container Registry agent pools, and what runs on them: fast, truthful and safe to script",
    long_description=(HERE / "README.md").read_text("utf-8"),
    long_description_content_type="text/markdown",
    author="acrpool contributors",
    license="MIT",
    classifiers=[
        "Development Status :: 4 - Beta",
        "Intended Audience :: Developers",
        "Intended Audience :: System Administrators",
        "Operating System :: OS Independent",
        "Programming Language :: Python :: 3 :: Only",
        "Programming Language :: Python :: 3.10",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Programming Language :: Python :: 3.14",
    ],
    python_requires=">=3.10",
    packages=find_packages(include=["azext_acrpool", "azext_acrpool.*"]),
    package_data={"azext_acrpool": ["azext_metadata.json", "py.typed"]},
    install_requires=[ISAL_WHEELS, "cronsim>=2.7", "tzdata>=2025.2"],
)
