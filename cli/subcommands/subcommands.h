// The verbs, one file each.
#pragma once

#include <string>
#include <vector>

#include "cli/subcommands/invocation.h"

namespace nopo {

int RunBuild(const Invocation& invocation);
int RunBuilds(const Invocation& invocation);
// Answers a shell that completes `words`, which follow "nopo"; always kExitOk.
int RunComplete(const std::vector<std::string>& words, const Console& console);
int RunCompletion(const Invocation& invocation);
int RunDaemon(const Invocation& invocation);
int RunDoctor(const Invocation& invocation);
int RunDown(const Invocation& invocation);
int RunEnv(const Invocation& invocation);
int RunExec(const Invocation& invocation);
int RunGraph(const Invocation& invocation);
int RunHelp(const Invocation& invocation);
int RunList(const Invocation& invocation);
int RunLogs(const Invocation& invocation);
int RunPull(const Invocation& invocation);
// `nopo run COMMAND`, `nopo command COMMAND` and `nopo COMMAND`, of the project's own commands.
int RunProjectCommand(const Invocation& invocation);
int RunStatus(const Invocation& invocation);
int RunUp(const Invocation& invocation);
int RunVersion(const Invocation& invocation);
int RunWatch(const Invocation& invocation);
int RunWhy(const Invocation& invocation);

}  // namespace nopo
