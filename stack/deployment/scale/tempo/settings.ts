import { type FileSetting, setting } from "../../pipeline/environment.ts";

/** What every part of a distributed Tempo is told, with `-config.expand-env=true`. */
export const distributedSettings = {
  port: setting("TEMPO_PORT", "3200", "The port of each part's HTTP API."),
  grpcPort: setting("TEMPO_GRPC_PORT", "9095", "The port that the parts talk to each other on."),
  otlpGrpc: setting("TEMPO_OTLP_GRPC", "0.0.0.0:4317", "Where distributors take spans."),
  certificates: setting(
    "TEMPO_TLS_DIR",
    "/tls",
    "The folder of tls.crt, tls.key and ca.crt: the part's certificate, and who signs all of them.",
  ),
  tlsName: setting("TEMPO_TLS_NAME", "tempo", "A name that is in the certificate of every part."),
  dataDirectory: setting("TEMPO_DATA_DIR", "/var/tempo", "The folder for what is not stored yet."),
  members: setting(
    "TEMPO_MEMBERS",
    "tempo-gossip-ring:7946",
    "By which the parts find each other.",
  ),
  memberPort: setting("TEMPO_MEMBER_PORT", "7946", "The port by which they do."),
  frontend: setting(
    "TEMPO_FRONTEND",
    "tempo-query-frontend-discovery:9095",
    "Where queriers ask for work.",
  ),
  scheduler: setting(
    "TEMPO_SCHEDULER",
    "tempo-backend-scheduler:9095",
    "Where workers ask for blocks to merge.",
  ),
  kafka: setting("KAFKA_ADDRESS", "kafka:9092", "Kafka, between distributors and the rest."),
  kafkaUser: setting("KAFKA_USER", "", "Its user; none for a Kafka that asks for none."),
  kafkaPassword: setting("KAFKA_PASSWORD", "", "The password of that user."),
  partitions: setting("KAFKA_PARTITIONS", "3", "Partitions of its topic, when it is made."),
  bucket: setting("S3_BUCKET", "tempo", "The bucket for all blocks."),
  storage: setting("S3_ENDPOINT", "s3.amazonaws.com", "The object storage, over TLS."),
  storageKey: setting("S3_ACCESS_KEY", "", "Its key; none where the machine's role is enough."),
  storageSecret: setting("S3_SECRET_KEY", "", "The secret of that key."),
  retention: setting("TEMPO_RETENTION", "336h", "How long blocks are kept."),
  remoteWrite: setting(
    "PROMETHEUS_REMOTE_WRITE",
    "http://prometheus:9090/api/v1/write",
    "Where the metrics that Tempo makes of spans go.",
  ),
  remoteWriteAuthority: setting(
    "PROMETHEUS_CA_FILE",
    "",
    "Who signed the certificate of that, where it is https; none for those that the image trusts.",
  ),
} as const satisfies Record<string, FileSetting>;
