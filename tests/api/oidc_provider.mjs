// A certified OpenID provider for a test: `node oidc_provider.mjs PORT CLIENT_ID SECRET CALLBACK`.
// Its own pages of signing in take any name and password.
import Provider from '../../web/node_modules/oidc-provider/lib/index.js';

const [port, clientId, clientSecret, callback] = process.argv.slice(2);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uris: [callback],
      response_types: ['code'],
      grant_types: ['authorization_code'],
    },
  ],
  pkce: { required: () => true },
});
provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
