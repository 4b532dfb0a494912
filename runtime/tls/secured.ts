/** What the handshake of a client's connection has settled. */
export interface Secured {
  /** Whether requests for this host belong on this connection (RFC 9110 §7.4): its certificate has the name, and the client asked for it. */
  covers (host: string): boolean
  /** `h2` or `http/1.1`. */
  readonly protocol: string
  /** The client's certificate, verified, as the value of `Client-Cert` (RFC 9440). */
  readonly clientCertificate: string | undefined
}
