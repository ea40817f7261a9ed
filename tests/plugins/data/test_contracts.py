"""The data tools and tables hold to the contracts that every author's do."""

from pathlib import Path

from dataagents.core.reasoning import Bench
from dataagents.core.testing import OutputContract, ToolContract
from dataagents.plugins.data.options import DataOptions, SchemaOptions, ValidateOptions
from dataagents.plugins.data.tables import TablesOutput
from dataagents.plugins.data.tools.analyze import AnalyzeSchema
from dataagents.plugins.data.tools.route import RoutePipeline
from dataagents.plugins.data.tools.transform import TransformData
from dataagents.plugins.data.tools.validate import ValidateData

ORDERS = "id,zip,city\n1,12345,Ulm\n2,12x45, Bonn\n3,55555,N/A\n3,55555,N/A\n"


class DataToolContract(ToolContract):
    def arguments(self):
        return {"dataset": "orders"}

    def inputs(self, folder: Path):
        (folder / "orders.csv").write_text(ORDERS)
        return {"orders": folder / "orders.csv"}

    async def prepare(self, bench: Bench):
        tool = AnalyzeSchema(SchemaOptions())
        await tool.run(tool.input_model.model_validate({"dataset": "orders"}), bench)


class TestAnalyzeSchema(DataToolContract):
    def tool(self):
        return AnalyzeSchema(SchemaOptions())

    async def prepare(self, bench: Bench):
        pass


class TestValidateData(DataToolContract):
    def tool(self):
        return ValidateData(ValidateOptions())


class TestTransformData(DataToolContract):
    def tool(self):
        return TransformData(DataOptions())


class TestRoutePipeline(DataToolContract):
    def tool(self):
        return RoutePipeline(DataOptions())


class TestTables(OutputContract):
    def output(self):
        return TablesOutput(DataOptions())
