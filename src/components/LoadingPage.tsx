import { LoadingPlaceholder } from '@grafana/ui';

/** Stands where a page will be. */
export const LoadingPage = () => <LoadingPlaceholder role="status" aria-label="Loading …" text="Loading …" />;
