from setuptools import setup

setup(name="example", version="1.0.0", py_modules=["example"], python_requires=">=3.8")
