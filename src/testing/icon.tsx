/** A stub for an icon, which Grafana fetches from its server. */
export default function Icon({ title }: { title?: string }) {
  return <svg aria-hidden={title === undefined}>{title && <title>{title}</title>}</svg>;
}
