/**
 * Namespaces and addresses of the authority.
 *
 * @module
 */

const base =
  "https://www2.agenciatributaria.gob.es/static_files/common/internet/dep/aplicaciones/es/aeat/tike/cont/ws";

export const informationNamespace: string = `${base}/SuministroInformacion.xsd`;
export const submissionNamespace: string = `${base}/SuministroLR.xsd`;
export const queryNamespace: string = `${base}/ConsultaLR.xsd`;
export const eventsNamespace: string = `${base}/EventosSIF.xsd`;
export const soapNamespace = "http://schemas.xmlsoap.org/soap/envelope/";
export const dsigNamespace = "http://www.w3.org/2000/09/xmldsig#";
export const xadesNamespace = "http://uri.etsi.org/01903/v1.3.2#";

/** Below the host that the operator configured, which depends on the kind of certificate. */
export const servicePath = "/wlpl/TIKE-CONT/ws/SistemaFacturacion/VerifactuSOAP";
