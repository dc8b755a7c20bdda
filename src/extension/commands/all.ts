import { assetCopyId } from './assetCopyId.ts';
import { assetCreate } from './assetCreate.ts';
import { assetDelete } from './assetDelete.ts';
import { assetOpen } from './assetOpen.ts';
import { assetOpenJob } from './assetOpenJob.ts';
import { assetShare } from './assetShare.ts';
import { assetsFilter } from './assetsFilter.ts';
import { assetTag } from './assetTag.ts';
import type { Command } from './command.ts';
import { deploymentInvoke } from './deploymentInvoke.ts';
import { deploymentShowLog } from './deploymentShowLog.ts';
import { exampleOpen } from './exampleOpen.ts';
import { finetuningOpen } from './finetuningOpen.ts';
import { graphOpen } from './graphOpen.ts';
import { hubSetToken } from './hubSetToken.ts';
import { jobArchive } from './jobArchive.ts';
import { jobCancel } from './jobCancel.ts';
import { jobCompare } from './jobCompare.ts';
import { jobCompareCode } from './jobCompareCode.ts';
import { jobCompareYaml } from './jobCompareYaml.ts';
import { jobCopyId } from './jobCopyId.ts';
import { jobCopyLink, jobCopyStudioLink } from './jobCopyLink.ts';
import { jobDebug } from './jobDebug.ts';
import { jobDelete } from './jobDelete.ts';
import { jobDownload } from './jobDownload.ts';
import { jobOpen } from './jobOpen.ts';
import { jobOpenLog } from './jobOpenLog.ts';
import { jobOpenRunning } from './jobOpenRunning.ts';
import { jobOpenSnapshot } from './jobOpenSnapshot.ts';
import { jobOpenYaml } from './jobOpenYaml.ts';
import { jobPreview } from './jobPreview.ts';
import { jobRename } from './jobRename.ts';
import { jobRerun } from './jobRerun.ts';
import { jobRestore } from './jobRestore.ts';
import { jobRevealError } from './jobRevealError.ts';
import { jobSubmit } from './jobSubmit.ts';
import { jobSubmitTo } from './jobSubmitTo.ts';
import { jobSubmitWithChanges } from './jobSubmitWithChanges.ts';
import { jobsClearFilter } from './jobsClearFilter.ts';
import { jobsFilter } from './jobsFilter.ts';
import { jobsFilterByStatus } from './jobsFilterByStatus.ts';
import { jobTag } from './jobTag.ts';
import { jobValidate } from './jobValidate.ts';
import { languageModelCancel } from './languageModelCancel.ts';
import { languageModelCopyName } from './languageModelCopyName.ts';
import { languageModelGet } from './languageModelGet.ts';
import { languageModelMeasure } from './languageModelMeasure.ts';
import { languageModelOpen } from './languageModelOpen.ts';
import { languageModelRemove } from './languageModelRemove.ts';
import { mentionsShow } from './mentionsShow.ts';
import { modelAddAlias } from './modelAddAlias.ts';
import { modelDownload } from './modelDownload.ts';
import { modelOpen } from './modelOpen.ts';
import { modelRegister } from './modelRegister.ts';
import { modelRemoveAlias } from './modelRemoveAlias.ts';
import { modelsFilter } from './modelsFilter.ts';
import { modelsOpen } from './modelsOpen.ts';
import { pageCommand } from './pageCommand.ts';
import { pageOpenLink } from './pageOpenLink.ts';
import { pipelineNew } from './pipelineNew.ts';
import { planeAdd } from './planeAdd.ts';
import { planeCopyEnvironment } from './planeCopyEnvironment.ts';
import { planeOpenStudio } from './planeOpenStudio.ts';
import { planeRemove, planeRename } from './planeRename.ts';
import { planeRestart } from './planeRestart.ts';
import { planeRetry } from './planeRetry.ts';
import { planeShowLog } from './planeShowLog.ts';
import { planeSignIn, planeSignOut } from './planeSignIn.ts';
import { playgroundOpen } from './playgroundOpen.ts';
import { registryOpenStudio } from './registryOpenStudio.ts';
import { runsCompare } from './runsCompare.ts';
import { runsOpen } from './runsOpen.ts';
import { scheduleCreate } from './scheduleCreate.ts';
import { scheduleDelete } from './scheduleDelete.ts';
import { scheduleDisable, scheduleEnable } from './scheduleEnable.ts';
import { scheduleOpenYaml } from './scheduleOpenYaml.ts';
import { scheduleTrigger } from './scheduleTrigger.ts';
import { specNew } from './specNew.ts';
import { syncForget, syncLimit, syncPause, syncResume, syncSendNow, syncShowLog, syncTryAgain } from './syncControl.ts';
import { experimentKeep, jobSend } from './syncSend.ts';
import { viewLoadMore } from './viewLoadMore.ts';
import { workspaceChoose, workspaceUse } from './workspaceChoose.ts';
import { workspaceDelete, workspaceRecover } from './workspaceDelete.ts';

/** Every command; the palette's entries and menus are in package.json. */
export const allCommands: readonly Command[] = [
  assetCopyId,
  assetCreate,
  assetDelete,
  assetOpen,
  assetOpenJob,
  assetTag,
  assetShare,
  assetsFilter,
  deploymentInvoke,
  deploymentShowLog,
  exampleOpen,
  experimentKeep,
  finetuningOpen,
  graphOpen,
  hubSetToken,
  jobArchive,
  jobCancel,
  jobCompare,
  jobCompareCode,
  jobCompareYaml,
  jobCopyId,
  jobCopyLink,
  jobCopyStudioLink,
  jobDebug,
  jobDelete,
  jobDownload,
  jobOpen,
  jobOpenLog,
  jobOpenRunning,
  jobOpenSnapshot,
  jobOpenYaml,
  jobPreview,
  jobRename,
  jobRerun,
  jobRestore,
  jobRevealError,
  jobSend,
  jobSubmit,
  jobSubmitTo,
  jobSubmitWithChanges,
  jobTag,
  jobValidate,
  jobsClearFilter,
  jobsFilter,
  jobsFilterByStatus,
  languageModelCancel,
  languageModelCopyName,
  languageModelGet,
  languageModelMeasure,
  languageModelOpen,
  languageModelRemove,
  mentionsShow,
  modelAddAlias,
  modelDownload,
  modelOpen,
  modelRegister,
  modelRemoveAlias,
  modelsFilter,
  modelsOpen,
  pageCommand,
  pageOpenLink,
  pipelineNew,
  planeAdd,
  planeCopyEnvironment,
  planeOpenStudio,
  planeRemove,
  planeRename,
  planeRestart,
  planeRetry,
  planeShowLog,
  planeSignIn,
  planeSignOut,
  playgroundOpen,
  registryOpenStudio,
  runsCompare,
  runsOpen,
  scheduleCreate,
  scheduleDelete,
  scheduleDisable,
  scheduleEnable,
  scheduleOpenYaml,
  scheduleTrigger,
  specNew,
  syncForget,
  syncLimit,
  syncPause,
  syncResume,
  syncSendNow,
  syncShowLog,
  syncTryAgain,
  viewLoadMore,
  workspaceChoose,
  workspaceDelete,
  workspaceRecover,
  workspaceUse,
];
