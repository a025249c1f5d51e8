/** What the application is called on its pages. */
export const APP_NAME = '{{ cookiecutter.name }}';
