/** The embedding or the ranking model failed. The cause's own words may repeat a text. */
export class EmbeddingFailed extends Error {
  override readonly name = "EmbeddingFailed";
  readonly code = "retrieval_failed";

  constructor(options: ErrorOptions) {
    super("The model that turns texts into vectors or ranks them failed.", options);
  }
}
