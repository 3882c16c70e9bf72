// What a plan would do, as text and as JSON: the answer to --dry-run.
#pragma once

#include <map>
#include <string>

#include "daemon/events/event_sink.h"
#include "daemon/graph/plan.h"
#include "daemon/project/project.h"

namespace nopo {

// What one task of a plan would run.
struct TaskListing {
  std::string target;   // "web"
  std::string command;  // "build", "start", "check:py"
  std::string run;      // Command line; "" where it is no command.
  bool in_container = false;
  std::string dir;     // Absolute; the container's path for a container task.
  EnvironmentMap env;  // The command's own.
};

// {"stages": [[...], ...], "tasks": {"web:build": {...}}}; behaviour, section 2.3.
std::string PlanJson(const Plan& plan, const std::map<std::string, TaskListing>& tasks);

// Reports the plan as an operation's result.
void ReportDryRun(const Plan& plan, const std::map<std::string, TaskListing>& tasks,
                  EventSink& events);

// Tells `events` what each task waits for and why it is there (DEBUG=deps).
void DebugPlan(const Plan& plan, EventSink& events);

// The target's part of a task's name: "web" of "web:check:py".
std::string TargetOfTask(const std::string& task);

}  // namespace nopo
