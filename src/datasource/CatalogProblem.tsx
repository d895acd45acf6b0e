import { Alert, TextLink } from '@grafana/ui';
import { useEffect, useState } from 'react';
import { asResourceError } from '../api/client';
import { type AccordDataSource } from './datasource';

/** Shows why no names are suggested; they can still be typed. */
export function CatalogProblem({ datasource }: { datasource: AccordDataSource }) {
  const [problem, setProblem] = useState<{ of: AccordDataSource; error?: string }>();
  useEffect(() => {
    let current = true;
    datasource.names('providers').then(
      ({ empty }) => current && setProblem(empty ? { of: datasource } : undefined),
      (error) => current && setProblem({ of: datasource, error: asResourceError(error).message }),
    );
    return () => {
      current = false;
    };
  }, [datasource]);
  if (problem?.of !== datasource) {
    return null;
  }
  return (
    <Alert
      severity={problem.error ? 'warning' : 'info'}
      title={problem.error ? 'No names are offered: the catalog cannot be read' : 'There are no agreements yet'}
    >
      {problem.error} <TextLink href={datasource.settingsAddress}>Settings of the data source</TextLink>
    </Alert>
  );
}
