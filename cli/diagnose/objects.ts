import type { CoreV1Event, V1ObjectMeta } from "@kubernetes/client-node";

/** The events of an object, the latest first. */
export function eventsOf(metadata: V1ObjectMeta | undefined, events: readonly CoreV1Event[]): CoreV1Event[] {
  const lastOf = ({ lastTimestamp, eventTime, firstTimestamp, metadata: own }: CoreV1Event) =>
    new Date(lastTimestamp ?? eventTime ?? firstTimestamp ?? own.creationTimestamp ?? 0).getTime();
  return events
    .filter(({ involvedObject }) => involvedObject.uid === metadata?.uid)
    .sort((a, b) => lastOf(b) - lastOf(a));
}

/** A time of an object; the client parses only those of built-in kinds. */
export const dateOf = (time: Date | string | undefined): Date | undefined =>
  time === undefined ? undefined : new Date(time);

/** The object that manages another one. */
export const ownerOf = (metadata: V1ObjectMeta | undefined) =>
  metadata?.ownerReferences?.find(({ controller }) => controller);
