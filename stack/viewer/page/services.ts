/** The services of the configuration, which is bundled with the page. */
import configuration from "#configuration";
import { createSavedQueries, type SavedQuery, type Service } from "#contract";

export const { services } = configuration;

export const contracts = services.map(({ contract }) => contract);

/** A saved query with whose it is. */
export interface ServiceQuery extends SavedQuery {
  readonly service: Service;
}

export const serviceQueries: readonly ServiceQuery[] = services.flatMap((service) =>
  createSavedQueries(service.contract).map((query) => ({ ...query, service })),
);
