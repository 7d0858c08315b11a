/** The page at /docs: every route, to read and to try. Served by us, so it works without a network. */
import 'swagger-ui-dist/swagger-ui.css';
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js';

SwaggerUI({ url: '/openapi.json', dom_id: '#routes', deepLinking: true });
