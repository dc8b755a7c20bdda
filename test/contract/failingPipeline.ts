/** A pipeline whose second step fails with what the first one made: `src/prepare.sh` writes `numbers.txt` there. */
export const failingPipeline = `$schema: https://azuremlschemas.azureedge.net/latest/pipelineJob.schema.json
type: pipeline
experiment_name: digits
display_name: Digits
tags: { team: vision }
jobs:
  prepare:
    type: command
    code: ./src
    command: sh prepare.sh \${{outputs.data}}
    environment: azureml:shell:1
    outputs:
      data: { type: uri_folder }
  train:
    type: command
    command: cat \${{inputs.data}}/numbers.txt; exit \${{inputs.code}}
    environment: azureml:shell:1
    inputs:
      data: \${{parent.jobs.prepare.outputs.data}}
      code: 3
`;
