import { Icon, Stack, Text, TextLink } from '@grafana/ui';
import { usePaths } from '../../paths';

/** Says in a line that documents have problems, and leads to them. */
export function Findings({ text }: { text?: string }) {
  const paths = usePaths();
  return text ? (
    <Stack alignItems="center" gap={1}>
      <Icon name="exclamation-triangle" />
      <Text>{text}.</Text>
      <TextLink href={paths.findings()}>See the findings</TextLink>
    </Stack>
  ) : null;
}
