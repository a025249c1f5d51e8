// Answers each line, a case as JSON, with what the template engine of Backstage's scaffolder makes of it.
const { createInterface } = require('node:readline');
const { createTemplateRenderer } = require(process.argv[2]);

const renderers = new Map();

function renderer(options) {
  const key = JSON.stringify(options);
  if (!renderers.has(key)) {
    renderers.set(key, createTemplateRenderer({ allowRegexExecution: true, ...options }));
  }
  return renderers.get(key);
}

function answer({ text, context, options = {}, native = false }) {
  try {
    const engine = renderer(options);
    const value = native ? engine.renderValue(text, context) : engine.render(text, context);
    return value === undefined ? { undefined: true } : { value };
  } catch (error) {
    return { error: error.message };
  }
}

createInterface({ input: process.stdin }).on('line', line => {
  process.stdout.write(`${JSON.stringify(answer(JSON.parse(line)))}\n`);
});
