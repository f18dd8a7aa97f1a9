// Asks another implementation of IAM's documented evaluation: simulations in, results out, as JSON.
import { anonymousPrincipal, runSimulation } from '@cloud-copilot/iam-simulate'

const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }
const organisation = [{ orgIdentifier: 'all', policies: [{ name: 'all', policy: everything }] }]
let text = ''
for await (const chunk of process.stdin) text += chunk
const results = []
for (const asked of JSON.parse(text)) {
  const anonymous = asked.principal === '*'
  const answer = await runSimulation({
    request: {
      principal: anonymous ? anonymousPrincipal : asked.principal,
      action: asked.action,
      resource: { resource: asked.resource, accountId: asked.account },
      contextVariables: asked.context,
    },
    identityPolicies: (asked.identity ?? []).map((policy, i) => ({ name: `p${i}`, policy })),
    serviceControlPolicies: anonymous ? [] : organisation,
    resourceControlPolicies: [],
    ...(asked.onResource ? { resourcePolicy: asked.onResource } : {}),
    ...(asked.boundary ? { permissionBoundaryPolicies: [{ name: 'b', policy: asked.boundary }] } : {}),
  }, {})
  results.push(answer.overallResult ?? JSON.stringify(answer.errors ?? answer))
}
console.log(JSON.stringify(results))
