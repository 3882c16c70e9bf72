#include "common/status_macros.h"

#include <gtest/gtest.h>

#include <memory>

namespace nopo {
namespace {

absl::StatusOr<std::unique_ptr<int>> Half(int number) {
  if (number % 2 != 0) return absl::InvalidArgumentError("odd");
  return std::make_unique<int>(number / 2);
}

absl::Status CheckEven(int number) {
  NOPO_RETURN_IF_ERROR(Half(number).status());
  return absl::OkStatus();
}

absl::StatusOr<int> Quarter(int number) {
  NOPO_ASSIGN_OR_RETURN(const std::unique_ptr<int> half, Half(number));
  std::unique_ptr<int> quarter;
  NOPO_ASSIGN_OR_RETURN(quarter, Half(*half));
  return *quarter;
}

TEST(StatusMacrosTest, ReturnsOnlyErrors) {
  EXPECT_TRUE(CheckEven(2).ok());
  EXPECT_EQ(CheckEven(3).message(), "odd");
}

TEST(StatusMacrosTest, AssignsToNewAndOldVariablesAndMoves) {
  EXPECT_EQ(*Quarter(12), 3);
  EXPECT_EQ(Quarter(3).status().message(), "odd");
  EXPECT_EQ(Quarter(6).status().message(), "odd");
}

}  // namespace
}  // namespace nopo
