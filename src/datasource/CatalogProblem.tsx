import { Alert, TextLink } from '@grafana/ui';
import { type CatalogState } from './useCatalog';

interface Props extends CatalogState {
  settingsAddress: string;
}

/** Says why the pickers have nothing to offer; names can still be typed. */
export function CatalogProblem({ catalog, error, settingsAddress }: Props) {
  if (error) {
    return (
      <Alert severity="warning" title="The catalog cannot be read, so no names are offered">
        {error} You can type names all the same, or look at the{' '}
        <TextLink href={settingsAddress} inline>
          settings of the data source
        </TextLink>
        .
      </Alert>
    );
  }
  if (catalog && catalog.agreements.length + catalog.slos.length === 0) {
    return (
      <Alert severity="info" title="There are no agreements yet">
        Put documents into the definitions folder of the data source; its{' '}
        <TextLink href={settingsAddress} inline>
          settings
        </TextLink>{' '}
        say where that is and what was read.
      </Alert>
    );
  }
  return null;
}
