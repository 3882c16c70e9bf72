#include "daemon/services/step_runner.h"

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/docker/compose_labels.h"
#include "daemon/services/port_owner.h"

namespace nopo {
namespace {

// How a step is shown while it is done, and after.
struct StepWords {
  std::string step, doing, done;
};

struct WordsOf {
  StepWords operator()(const CreateContainer& action) const {
    return {"create " + action.name, "creating " + action.name, "created " + action.name};
  }
  StepWords operator()(const StartContainer& action) const {
    return {"start " + action.name, "starting " + action.name, "started " + action.name};
  }
  StepWords operator()(const StopContainer& action) const {
    return {"stop " + action.name, "stopping " + action.name, "stopped " + action.name};
  }
  StepWords operator()(const RemoveContainer& action) const {
    return {"remove " + action.name, "removing " + action.name, "removed " + action.name};
  }
  StepWords operator()(const RenameContainer& action) const {
    return {"rename " + action.name, "renaming to " + action.to, "renamed to " + action.to};
  }
};

// The port is one that nopo chose (any free one would do), so that it may choose another.
bool MayMovePort(const DesiredService& desired, const absl::Status& error) {
  const std::string taken = absl::StrCat(PortInMessage(error.message()).host_port);
  bool any = false;
  for (const PortBinding& binding : desired.spec.ports) {
    if (binding.host_port == taken) return false;
    any = any || binding.host_port == "0";
  }
  return any;
}

// An engine that went away or a cancelled call says nothing about the service.
bool IsAboutTheService(const absl::Status& status) {
  return !absl::IsCancelled(status) && !absl::IsUnavailable(status) &&
         !absl::IsPermissionDenied(status);
}

absl::Status StartFailure(const std::string& name, const absl::Status& status) {
  if (status.ok() || !IsAboutTheService(status)) return status;
  return MakeError(status.code(), Reason::kServiceFailed,
                   absl::StrCat(name, " could not be started: ", status.message()),
                   HintsOf(status));
}

}  // namespace

absl::Status StepRunner::Run(const std::vector<ServiceStep>& steps) {
  for (const ServiceStep& step : steps) {
    number_ = step.number;
    const StepWords words = std::visit(WordsOf(), step.action);
    context_.events.Report(TaskProgress{.task = context_.task,
                                        .step = words.step,
                                        .message = absl::StrCat(words.doing, ": ", step.reason)});
    NOPO_RETURN_IF_ERROR(
        std::visit([this](const auto& action) { return Do(action); }, step.action));
    context_.events.DebugOf(context_.desired.service, DebugArea::kContainer,
                            [&] { return words.done; });
    context_.events.Report(TaskProgress{
        .task = context_.task, .step = words.step, .message = words.done, .done = true});
  }
  return absl::OkStatus();
}

absl::Status StepRunner::Do(const CreateContainer& action) {
  return Create(action.name, action.keep_ports, action.replaces);
}

absl::Status StepRunner::Create(const std::string& name, const std::vector<PortMapping>& host_ports,
                                const std::string& replaces) {
  ContainerSpec spec = InstanceSpec(context_.desired, number_, context_.image_id, host_ports);
  if (!replaces.empty()) spec.labels[kLabelReplace] = replaces;
  absl::StatusOr<std::string> id =
      context_.engine.CreateContainer(name, spec, context_.cancellation);
  if (absl::IsAlreadyExists(id.status())) {
    return WithHint(id.status(), absl::StrCat("If container ", name,
                                              " is not the project's, rename or remove it."));
  }
  if (!id.ok()) return WithPrefix(id.status(), absl::StrCat("create ", name, ": "));
  created_id_ = *std::move(id);
  context_.mirror.Invalidate(created_id_);
  return absl::OkStatus();
}

absl::Status StepRunner::Do(const StartContainer& action) {
  std::string id = action.id.empty() ? created_id_ : action.id;
  absl::Status status = context_.engine.StartContainer(id, context_.cancellation);
  if (ReasonOf(status) == Reason::kPortTaken && MayMovePort(context_.desired, status)) {
    status = CreateAndStartOnAnyPort(action.name, id);
    id = created_id_;
  }
  context_.mirror.Invalidate(id);
  if (ReasonOf(status) == Reason::kPortTaken) return PortTaken(status, id);
  NOPO_RETURN_IF_ERROR(StartFailure(action.name, status));
  // The mirror may still have an older state, which the wait for health must not take for news.
  NOPO_ASSIGN_OR_RETURN(started_, context_.engine.InspectContainer(id, context_.cancellation));
  return absl::OkStatus();
}

absl::Status StepRunner::CreateAndStartOnAnyPort(const std::string& name,
                                                 const std::string& old_id) {
  NOPO_RETURN_IF_ERROR(context_.engine.RemoveContainer(old_id, /*force=*/true, /*volumes=*/false,
                                                       context_.cancellation));
  context_.mirror.Invalidate(old_id);
  NOPO_RETURN_IF_ERROR(Create(name, {}, ""));
  return context_.engine.StartContainer(created_id_, context_.cancellation);
}

absl::Status StepRunner::PortTaken(const absl::Status& error, const std::string& id) const {
  const PortMapping port = PortInMessage(error.message());
  if (port.host_port == 0) {
    return WithPrefix(error, absl::StrCat(context_.desired.service, ": "));
  }
  const std::string owner = PortOwner(context_.engine, port, id, context_.cancellation);
  const std::string address = port.host_ip.empty()
                                  ? absl::StrCat(port.host_port)
                                  : absl::StrCat(port.host_ip, ":", port.host_port);
  return MakeError(
      absl::StatusCode::kResourceExhausted, Reason::kPortTaken,
      absl::StrCat("host port ", address, ", which ", context_.desired.service,
                   " publishes, is taken", owner.empty() ? "" : absl::StrCat(" by ", owner)),
      {absl::StrCat("Stop its owner, or publish another port with compose.ports of ",
                    context_.desired.service, ".")});
}

absl::Status StepRunner::Do(const StopContainer& action) {
  const absl::Status status =
      context_.engine.StopContainer(action.id, context_.desired.stop_grace, context_.cancellation);
  context_.mirror.Invalidate(action.id);
  // Somebody else removed it: what we wanted.
  return absl::IsNotFound(status) ? absl::OkStatus()
                                  : WithPrefix(status, absl::StrCat("stop ", action.name, ": "));
}

absl::Status StepRunner::Do(const RemoveContainer& action) {
  const absl::Status status = context_.engine.RemoveContainer(
      action.id, /*force=*/true, /*volumes=*/false, context_.cancellation);
  context_.mirror.Invalidate(action.id);
  return absl::IsNotFound(status) ? absl::OkStatus()
                                  : WithPrefix(status, absl::StrCat("remove ", action.name, ": "));
}

absl::Status StepRunner::Do(const RenameContainer& action) {
  const std::string& id = action.id.empty() ? created_id_ : action.id;
  const absl::Status status = context_.engine.RenameContainer(id, action.to, context_.cancellation);
  context_.mirror.Invalidate(id);
  return WithPrefix(status, absl::StrCat("rename ", action.name, " to ", action.to, ": "));
}

}  // namespace nopo
