// Judges entities as Backstage's catalog does. Standard input: a JSON list of entities. Prints what is wrong with each.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../tools/', import.meta.url));
const catalog = require('@backstage/catalog-model');
const scaffolder = require('@backstage/plugin-scaffolder-common');

const validators = {
  API: catalog.apiEntityV1alpha1Validator,
  Component: catalog.componentEntityV1alpha1Validator,
  Resource: catalog.resourceEntityV1alpha1Validator,
  Template: scaffolder.templateEntityV1beta3Validator,
};
const policies = catalog.EntityPolicies.allOf([
  new catalog.SchemaValidEntityPolicy(),
  new catalog.NoForeignRootFieldsEntityPolicy(),
  new catalog.FieldFormatEntityPolicy(),
]);

let wrong = 0;
for (const entity of JSON.parse(readFileSync(0, 'utf-8'))) {
  const name = `${entity.kind} ${entity.metadata?.name}`;
  try {
    await policies.enforce(entity);
    if (!(await validators[entity.kind]?.check(entity))) {
      throw new Error('no validator knows this kind and version');
    }
  } catch (error) {
    wrong += 1;
    console.log(`${name}: ${error.message}`);
  }
}
process.exitCode = wrong ? 1 : 0;
